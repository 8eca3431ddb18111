using Commerce.Catalogue;

namespace Commerce.Tests.Domain;

public sealed class ProductTests
{
    private static readonly ProductId Mug = ProductId.New();

    [Fact]
    public void A_product_starts_as_a_draft() => Specification.For<Product>(Mug)
        .When(product => product.Create(Example.Description("Mug", 29.99m), Example.Now))
        .Then(Created)
        .ThenState(product => product.Status, ProductStatus.Draft)
        .ThenState(product => product.Price, Money.InPounds(29.99m))
        .ThenState(product => product.Attributes["colour"], "blue");

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void A_product_needs_a_name(string name) => Specification.For<Product>(Mug)
        .When(product => product.Create(Example.Description(name, 29.99m), Example.Now))
        .ThenRefused("product-has-name");

    [Theory]
    [InlineData(0)]
    [InlineData(-10)]
    public void A_product_is_never_created_without_a_price(decimal price) => Specification.For<Product>(Mug)
        .When(product => product.Create(Example.Description("Mug", price), Example.Now))
        .ThenRefused("invalid-price");

    [Fact]
    public void A_price_can_be_changed() => Draft()
        .When(product => Assert.True(product.ChangePrice(Money.InPounds(39.99m), Example.Now)))
        .Then(new ProductPriceUpdated(Mug, Money.InPounds(29.99m), Money.InPounds(39.99m), Example.Now));

    [Fact]
    public void A_price_of_zero_is_refused() => Draft()
        .When(product => product.ChangePrice(Money.InPounds(0), Example.Now))
        .ThenRefused("invalid-price");

    [Fact]
    public void An_equal_price_changes_nothing() => Draft()
        .When(product => Assert.False(product.ChangePrice(Money.InPounds(29.990m), Example.Now)))
        .ThenNothing();

    [Fact]
    public void A_price_keeps_its_currency() => Draft()
        .When(product => product.ChangePrice(new Money(5, "EUR"), Example.Now))
        .ThenRefused("same-currency");

    [Fact]
    public void A_draft_can_be_activated_and_a_second_activation_has_no_effect()
    {
        Draft().When(product => product.Activate(Example.Now)).Then(new ProductActivated(Mug, Example.Now));
        Draft()
            .Given(new ProductActivated(Mug, Example.Now))
            .When(product => product.Activate(Example.Now))
            .ThenNothing();
    }

    [Fact]
    public void A_discontinued_product_cannot_be_activated() => Draft()
        .Given(new ProductDiscontinued(Mug, Example.Now))
        .When(product => product.Activate(Example.Now))
        .ThenRefused("product-not-discontinued");

    [Fact]
    public void Only_an_active_product_is_for_sale()
    {
        Draft().When(product => product.RequireForSale()).ThenThrew<WrongStateException>();
        Draft().Given(new ProductActivated(Mug, Example.Now)).When(product => product.RequireForSale()).ThenNothing();
    }

    [Fact]
    public void An_attribute_can_be_set_and_removed() =>
        Draft()
            .When(product =>
            {
                product.SetAttribute("size", "large", Example.Now);
                product.SetAttribute("colour", null, Example.Now);
            })
            .Then(
                new ProductAttributeSet(Mug, "size", "large", Example.Now),
                new ProductAttributeSet(Mug, "colour", null, Example.Now))
            .ThenState(product => product.Attributes.Keys, ["size"]);

    private static ProductCreated Created
    {
        get
        {
            var description = Example.Description("Mug", 29.99m);
            return new(
                Mug,
                description.Sku,
                description.Name,
                description.Description,
                description.Price,
                description.Category,
                description.Attributes,
                Example.Now);
        }
    }

    private static AggregateSpecification<Product> Draft() => Specification.For<Product>(Mug).Given(Created);
}
