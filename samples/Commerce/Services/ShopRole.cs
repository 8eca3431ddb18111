namespace Commerce.Services;

/// <summary>Which part of the shop a program is.</summary>
public enum ShopRole
{
    /// <summary>All of it, on one store.</summary>
    Whole,

    /// <summary>Catalogue, customers, orders, payments, parcels and the page.</summary>
    Orders,

    /// <summary>The stock.</summary>
    Inventory,
}
