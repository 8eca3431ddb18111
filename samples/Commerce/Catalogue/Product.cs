using Commerce.Inventory;
using Commerce.SharedKernel;

namespace Commerce.Catalogue;

[Id<Guid>]
public readonly partial record struct ProductId;

public enum ProductStatus
{
    Draft,
    Active,
    Discontinued,
}

/// <summary>An article that the shop sells. The inventory keeps its quantity.</summary>
[Stream("product")]
public sealed partial class Product : Aggregate<ProductId>
{
    /// <summary>The maximum price.</summary>
    public const decimal MaxPrice = 1_000_000;

    /// <summary>The maximum number of attributes.</summary>
    public const int MaxAttributes = 100;

    private readonly Dictionary<string, string> _attributes = new(StringComparer.Ordinal);

    public Sku Sku { get; private set; }

    public string Name { get; private set; } = "";

    public Money Price { get; private set; }

    public ProductStatus Status { get; private set; }

    public string Category { get; private set; } = "";

    /// <summary>The quantity that was ordered with the new product.</summary>
    public int FirstStock { get; private set; }

    public IReadOnlyDictionary<string, string> Attributes => _attributes;

    public void Create(ProductDescription description, DateTimeOffset at)
    {
        Require(!string.IsNullOrWhiteSpace(description.Name), "product-has-name", "A product needs a name.");
        RequirePrice(description.Price);
        Require(
            description.Attributes.Count <= MaxAttributes,
            "attributes-within-bounds",
            $"At most {MaxAttributes} attributes.");
        var category = string.IsNullOrWhiteSpace(description.Category) ? "general" : description.Category.Trim();
        Raise(
            new ProductCreated(
                Id,
                description.Sku,
                description.Name,
                description.Description,
                description.Price,
                category,
                description.Attributes,
                at));
    }

    /// <summary>Orders the first stock from the inventory.</summary>
    public void OrderFirstStock(int quantity, DateTimeOffset at)
    {
        Require(quantity > 0, "quantity-positive", "A quantity is more than zero.");
        Require(
            quantity <= InventoryItem.MaxPieces,
            "stock-within-bounds",
            $"A warehouse holds at most {InventoryItem.MaxPieces:N0} pieces of it.");
        Raise(new FirstStockOrdered(Id, quantity, at));
    }

    public void Activate(DateTimeOffset at)
    {
        if (Status == ProductStatus.Active)
            return;
        if (Status == ProductStatus.Discontinued)
            throw new WrongStateException(
                nameof(Product), "product-not-discontinued", Status.ToString(), "be activated");
        Raise(new ProductActivated(Id, at));
    }

    public void Discontinue(DateTimeOffset at)
    {
        if (Status != ProductStatus.Discontinued)
            Raise(new ProductDiscontinued(Id, at));
    }

    /// <summary>Changes the price. An equal price records no event.</summary>
    public bool ChangePrice(Money price, DateTimeOffset at)
    {
        RequirePrice(price);
        Require(price.Currency == Price.Currency, "same-currency", $"The product is priced in {Price.Currency}.");
        if (price == Price)
            return false;
        Raise(new ProductPriceUpdated(Id, Price, price, at));
        return true;
    }

    public void Categorise(string category, DateTimeOffset at)
    {
        Require(!string.IsNullOrWhiteSpace(category), "category-has-name", "A category needs a name.");
        if (category != Category)
            Raise(new ProductCategorised(Id, category, at));
    }

    /// <summary>Sets an attribute, such as the colour. A null value removes the attribute.</summary>
    public void SetAttribute(string attribute, string? value, DateTimeOffset at)
    {
        Require(!string.IsNullOrWhiteSpace(attribute), "attribute-has-name", "An attribute needs a name.");
        if (_attributes.GetValueOrDefault(attribute) != value)
        {
            var isNew = value is not null && !_attributes.ContainsKey(attribute);
            Require(
                !isNew || _attributes.Count < MaxAttributes,
                "attributes-within-bounds",
                $"At most {MaxAttributes} attributes.");
            Raise(new ProductAttributeSet(Id, attribute, value, at));
        }
    }

    /// <summary>Throws when the product is not for sale.</summary>
    public void RequireForSale()
    {
        if (Status != ProductStatus.Active)
            throw new WrongStateException(nameof(Product), "product-active", Status.ToString(), "be sold");
    }

    private void RequirePrice(Money price)
    {
        Require(price.IsPositive(), "invalid-price", "A price is more than zero.");
        Require(price.Amount <= MaxPrice, "invalid-price", $"A price is at most {MaxPrice:N0}.");
    }

    private void When(ProductCreated created)
    {
        (Sku, Name, Price, Category) = (created.Sku, created.Name, created.Price, created.Category);
        foreach (var (attribute, value) in created.Attributes)
            _attributes[attribute] = value;
    }

    private void When(FirstStockOrdered ordered) => FirstStock = ordered.Quantity;

    private void When(ProductActivated activated) => Status = ProductStatus.Active;

    private void When(ProductDiscontinued discontinued) => Status = ProductStatus.Discontinued;

    private void When(ProductPriceUpdated updated) => Price = updated.NewPrice;

    private void When(ProductCategorised categorised) => Category = categorised.Category;

    private void When(ProductAttributeSet set)
    {
        if (set.Value is null)
            _attributes.Remove(set.Attribute);
        else
            _attributes[set.Attribute] = set.Value;
    }
}
