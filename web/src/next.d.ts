// Types of CSS modules and images; the file that Next.js writes for itself (next-env.d.ts) is no part of the checkout.
/// <reference types="next" />
/// <reference types="next/image-types/global" />
