using Commerce.Catalogue;
using Commerce.Orders;
using Commerce.Pricing;

namespace Commerce.Tests.Domain;

public sealed class OrderTests
{
    private static readonly Sku Sku = Sku.From("SKU-1");

    [Fact]
    public void The_same_product_at_the_same_price_is_one_line()
    {
        var order = Given.Draft();
        var product = order.Add(quantity: 2, price: 10);

        order.AddItem(product, Sku, "Thing", 3, Money.InPounds(10), Given.Now);

        var item = Assert.Single(order.Items);
        Assert.Equal(5, item.Quantity);
        Assert.Equal(50, order.Total.Amount);
    }

    [Fact]
    public void The_same_product_at_another_price_is_another_line()
    {
        var order = Given.Draft();
        var product = order.Add(quantity: 2, price: 10);

        order.AddItem(product, Sku, "Thing", 1, Money.InPounds(12), Given.Now);

        Assert.Equal(2, order.Items.Count);
        Assert.Equal(32, order.Total.Amount);
        Assert.Equal([(product, 3)], order.Quantities());
    }

    [Fact]
    public void A_product_is_removed_whatever_prices_its_lines_have()
    {
        var order = Given.Draft();
        var product = order.Add(quantity: 2, price: 10);
        order.AddItem(product, Sku, "Thing", 1, Money.InPounds(12), Given.Now);
        order.Add(quantity: 1, price: 5);

        order.RemoveItem(product, Given.Now);

        Assert.Equal(5, Assert.Single(order.Items).UnitPrice.Amount);
        Assert.Equal(5, order.Total.Amount);
    }

    [Fact]
    public void A_product_that_is_not_in_the_order_cannot_be_removed()
    {
        var refused = Assert.Throws<InvariantViolatedException>(() => Given.Draft().RemoveItem(ProductId.New(), Given.Now));

        Assert.Equal("item-in-order", refused.Invariant);
    }

    [Fact]
    public void A_quantity_can_be_changed()
    {
        var order = Given.Draft();
        var product = order.Add(quantity: 2, price: 10);

        order.ChangeQuantity(product, 7, Given.Now);

        Assert.Equal(70, order.Total.Amount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_quantity_is_more_than_zero(int quantity)
    {
        var order = Given.Draft();
        var product = order.Add();

        var added = Assert.Throws<InvariantViolatedException>(() => order.Add(quantity));
        var changed = Assert.Throws<InvariantViolatedException>(() => order.ChangeQuantity(product, quantity, Given.Now));

        Assert.Equal(("quantity-positive", "quantity-positive"), (added.Invariant, changed.Invariant));
    }

    [Fact]
    public void An_empty_order_cannot_be_submitted()
    {
        var refused = Assert.Throws<InvariantViolatedException>(() => Given.Draft().Submit());

        Assert.Equal("order-not-empty", refused.Invariant);
    }

    [Fact]
    public void A_paid_order_cannot_be_paid_or_submitted_again()
    {
        var order = Given.OrderIn(OrderStatus.Paid);

        Assert.Equal("invalid-transition", Assert.Throws<WrongStateException>(order.Pay).Invariant);
        Assert.Equal("invalid-transition", Assert.Throws<WrongStateException>(order.Submit).Invariant);
    }

    [Fact]
    public void An_unpaid_order_is_not_shipped()
    {
        var refused = Assert.Throws<WrongStateException>(() => Given.OrderIn(OrderStatus.Submitted).Ship("T", Given.Now));

        Assert.Equal("payment-required", refused.Invariant);
    }

    [Fact]
    public void An_order_is_shipped_once()
    {
        var refused = Assert.Throws<WrongStateException>(() => Given.OrderIn(OrderStatus.Shipped).Ship("T", Given.Now));

        Assert.Equal("already-shipped", refused.Invariant);
    }

    [Fact]
    public void An_order_whose_payment_failed_can_be_submitted_again()
    {
        var order = Given.OrderIn(OrderStatus.PaymentFailed);

        order.Submit();
        order.Pay();

        Assert.Equal(OrderStatus.Paid, order.Status);
    }

    [Fact]
    public void A_discount_is_taken_off_what_is_due_and_the_total_stays_the_sum_of_the_lines()
    {
        var order = Given.Draft();
        order.Add(quantity: 10, price: 100);

        order.Submit(new PricingService(VolumeDiscount.Default), Given.Now.AddYears(-2), Given.Now);

        Assert.Equal((1000m, 70m, 930m), (order.Total.Amount, order.Discount.Amount, order.Due.Amount));
    }

    [Fact]
    public void Delivered_goods_can_come_back_but_never_more_than_were_bought()
    {
        var order = Given.OrderIn(OrderStatus.Delivered);
        var item = order.Items[0];
        ReturnedItem Back(int quantity) => new(item.Product, item.UnitPrice, quantity);

        var refund = order.Return([Back(1)], "too small", Given.Now);
        var refused = Assert.Throws<InvariantViolatedException>(() => order.Return([Back(2)], "too small", Given.Now));

        Assert.Equal(10, refund.Amount);
        Assert.Equal("return-within-bought", refused.Invariant);
    }

    [Fact]
    public void What_is_named_twice_in_a_return_does_not_come_back_twice()
    {
        var order = Given.OrderIn(OrderStatus.Delivered);
        var item = order.Items[0];
        var all = new ReturnedItem(item.Product, item.UnitPrice, item.Quantity);

        var refused = Assert.Throws<InvariantViolatedException>(() => order.Return([all, all], "too small", Given.Now));

        Assert.Equal("return-within-bought", refused.Invariant);
    }

    [Fact]
    public void An_order_has_room_for_so_many_pieces_over_all_its_lines()
    {
        var order = Given.Draft();
        var product = order.Add(quantity: Order.MostPieces - 1, price: 1);
        order.Add(quantity: 1, price: 1);

        var one = Assert.Throws<InvariantViolatedException>(() => order.Add(quantity: 1, price: 1));
        var most = Assert.Throws<InvariantViolatedException>(() => order.ChangeQuantity(product, int.MaxValue, Given.Now));
        order.ChangeQuantity(product, 1, Given.Now);

        Assert.Equal(("order-within-bounds", "order-within-bounds"), (one.Invariant, most.Invariant));
        Assert.Equal(2, order.Total.Amount);
    }

    [Fact]
    public void The_same_product_at_two_prices_comes_back_at_the_price_it_was_bought_for()
    {
        var order = Given.Draft();
        var product = order.Add(quantity: 1, price: 10);
        order.AddItem(product, Sku, "Thing", 1, Money.InPounds(12), Given.Now);
        order.Submit();
        order.Pay();
        order.StartProcessing(Given.Now);
        order.Ship("T", Given.Now);
        order.Deliver(Given.Now);

        var refund = order.Return([new ReturnedItem(product, Money.InPounds(12), 1)], "broken", Given.Now);

        Assert.Equal(12, refund.Amount);
    }

    [Fact]
    public void Refunds_of_a_discounted_order_add_up_to_no_more_than_was_paid()
    {
        var order = Given.Draft();
        var product = order.Add(quantity: 3, price: 233.33m);
        order.Submit(new PricingService(VolumeDiscount.Default), Given.Now, Given.Now);
        order.Pay();
        order.StartProcessing(Given.Now);
        order.Ship("T", Given.Now);
        order.Deliver(Given.Now);

        var refunds = Enumerable.Range(0, 3).Sum(_ => order.Return([new(product, Money.InPounds(233.33m), 1)], "broken", Given.Now).Amount);

        Assert.InRange(refunds, order.Due.Amount - 0.03m, order.Due.Amount);
    }
}
