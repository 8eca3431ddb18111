using Commerce.SharedKernel;

namespace Commerce.Pricing;

/// <summary>A rule that calculates the discount on an order.</summary>
public interface IDiscountPolicy
{
    /// <summary>Returns the discount on an order, at most the total.</summary>
    /// <param name="total">The sum of the lines.</param>
    /// <param name="customerFor">The time since the customer registered.</param>
    Money DiscountOn(Money total, TimeSpan customerFor);
}

/// <summary>A share of the total from an amount on, and a little more for long-standing customers.</summary>
public sealed class VolumeDiscount(decimal from, decimal share, TimeSpan loyalAfter, decimal loyalShare)
    : IDiscountPolicy
{
    /// <summary>5 % from 500 on, and 2 % more for customers of at least a year.</summary>
    public static VolumeDiscount Default { get; } = new(500, 0.05m, TimeSpan.FromDays(365), 0.02m);

    public Money DiscountOn(Money total, TimeSpan customerFor)
    {
        var rate = (total.Amount >= from ? share : 0) + (customerFor >= loyalAfter ? loyalShare : 0);
        return new Money(decimal.Round(total.Amount * rate, 2, MidpointRounding.ToZero), total.Currency);
    }
}

/// <summary>The price of an order: the sum of its lines minus the discount.</summary>
public sealed record Quote(Money Total, Money Discount)
{
    public Money Due() => Total - Discount;
}

/// <summary>Prices orders. This is a domain service because the discount policy does not belong to a single
/// order.</summary>
public sealed class PricingService(IDiscountPolicy policy)
{
    public Quote Price(Money total, TimeSpan customerFor)
    {
        var discount = policy.DiscountOn(total, customerFor);
        if (discount.IsNegative() || (total - discount).IsNegative())
            throw new InvariantViolatedException(
                nameof(PricingService), "discount-within-total", "A discount is more than the total.");
        return new Quote(total, discount);
    }
}
