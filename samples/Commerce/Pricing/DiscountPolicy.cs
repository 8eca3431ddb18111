using Commerce.SharedKernel;

namespace Commerce.Pricing;

/// <summary>What a rule takes off an order.</summary>
public interface IDiscountPolicy
{
    /// <summary>The discount on an order for somebody who has been a customer for so long; never
    /// more than the total.</summary>
    Money DiscountOn(Money total, TimeSpan customerFor);
}

/// <summary>A share of the total from an amount on, and a little more for old customers.</summary>
public sealed class VolumeDiscount(decimal from, decimal share, TimeSpan loyalAfter, decimal loyalShare)
    : IDiscountPolicy
{
    /// <summary>5 % from 500 on, and 2 % for those who have been customers for a year.</summary>
    public static VolumeDiscount Default { get; } = new(500, 0.05m, TimeSpan.FromDays(365), 0.02m);

    public Money DiscountOn(Money total, TimeSpan customerFor)
    {
        var rate = (total.Amount >= from ? share : 0) + (customerFor >= loyalAfter ? loyalShare : 0);
        return new Money(decimal.Round(total.Amount * rate, 2, MidpointRounding.ToZero), total.Currency);
    }
}

/// <summary>What an order costs: the sum of its lines less the discount.</summary>
public sealed record Quote(Money Total, Money Discount)
{
    public Money Due() => Total - Discount;
}

/// <summary>Prices orders. A domain service: it needs a policy that no single order knows.</summary>
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
