// Shipped without types: importing it is all there is to it.
declare module '@oxc-node/core/register'
