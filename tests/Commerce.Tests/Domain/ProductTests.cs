using Commerce.Catalogue;

namespace Commerce.Tests.Domain;

public sealed class ProductTests
{
    [Fact]
    public void A_product_begins_as_a_draft()
    {
        var product = Given.Product(29.99m);

        Assert.Equal(ProductStatus.Draft, product.Status);
        Assert.Equal(Money.InPounds(29.99m), product.Price);
        Assert.Equal("blue", product.Attributes["colour"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void A_product_needs_a_name(string name)
    {
        var product = Given.EmptyProduct();

        var refused = Assert.Throws<InvariantViolatedException>(() => product.Create(Given.Description(name, 29.99m), Given.Now));

        Assert.Equal("product-has-name", refused.Invariant);
        Assert.Equal(0, product.Version);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-10)]
    public void A_product_is_never_created_without_a_price(decimal price)
    {
        var product = Given.EmptyProduct();

        var refused = Assert.Throws<InvariantViolatedException>(() => product.Create(Given.Description("Mug", price), Given.Now));

        Assert.Equal("invalid-price", refused.Invariant);
    }

    [Fact]
    public void A_price_can_be_changed()
    {
        var product = Given.Product(29.99m);

        var changed = product.ChangePrice(Money.InPounds(39.99m), Given.Now);

        Assert.True(changed);
        Assert.Equal(39.99m, product.Price.Amount);
    }

    [Fact]
    public void A_price_of_zero_is_refused()
    {
        var product = Given.Product(29.99m);

        var refused = Assert.Throws<InvariantViolatedException>(() => product.ChangePrice(Money.InPounds(0), Given.Now));

        Assert.Equal("invalid-price", refused.Invariant);
        Assert.Equal(29.99m, product.Price.Amount);
    }

    [Fact]
    public void An_equal_price_changes_nothing()
    {
        var product = Given.Product(29.99m);
        var version = product.Version;

        var changed = product.ChangePrice(Money.InPounds(29.990m), Given.Now);

        Assert.False(changed);
        Assert.Equal(version, product.Version);
    }

    [Fact]
    public void A_price_stays_in_its_currency()
    {
        var refused = Assert.Throws<InvariantViolatedException>(() => Given.Product().ChangePrice(new Money(5, "EUR"), Given.Now));

        Assert.Equal("same-currency", refused.Invariant);
    }

    [Fact]
    public void A_draft_can_be_activated_and_again_without_effect()
    {
        var product = Given.Product();

        product.Activate(Given.Now);
        product.Activate(Given.Now);

        Assert.Equal(ProductStatus.Active, product.Status);
        Assert.Equal(2, product.Version);
    }

    [Fact]
    public void A_discontinued_product_cannot_be_activated()
    {
        var product = Given.Product();
        product.Discontinue(Given.Now);

        var refused = Assert.Throws<WrongStateException>(() => product.Activate(Given.Now));

        Assert.Equal("product-not-discontinued", refused.Invariant);
    }

    [Fact]
    public void Only_an_active_product_is_for_sale() => Assert.Throws<WrongStateException>(() => Given.Product().RequireForSale());

    [Fact]
    public void An_attribute_can_be_set_and_taken_away()
    {
        var product = Given.Product();

        product.SetAttribute("size", "large", Given.Now);
        product.SetAttribute("colour", null, Given.Now);

        Assert.Equal(["size"], product.Attributes.Keys);
    }
}
