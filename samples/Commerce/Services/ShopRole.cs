namespace Commerce.Services;

/// <summary>The part of the shop that a program runs.</summary>
public enum ShopRole
{
    /// <summary>The whole shop, on one store.</summary>
    Whole,

    /// <summary>Catalogue, customers, orders, payments, parcels and the page.</summary>
    Orders,

    /// <summary>The stock.</summary>
    Inventory,
}
