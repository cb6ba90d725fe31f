/** What an administrator sets on the configuration page; readable by viewers, so no secret may be in it. */
export type AppSettings = {
  apiUrl?: string;
};
