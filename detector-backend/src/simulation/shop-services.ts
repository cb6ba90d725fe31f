import { AUTH } from './service-auth.ts';
import { CART } from './service-cart.ts';
import { CATALOG } from './service-catalog.ts';
import { CHECKOUT } from './service-checkout.ts';
import { INVENTORY } from './service-inventory.ts';
import { PAYMENT } from './service-payment.ts';
import { SHIPPING } from './service-shipping.ts';
import { STOREFRONT } from './service-storefront.ts';
import type { ShopService } from './shop-catalog.ts';

/** The shop, in the order of a purchase. The index is part of the seeds: append, do not reorder. */
export const SHOP_SERVICES: readonly ShopService[] = [
  STOREFRONT,
  CATALOG,
  CART,
  CHECKOUT,
  PAYMENT,
  INVENTORY,
  SHIPPING,
  AUTH,
];
