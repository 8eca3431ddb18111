namespace Millrace;

/// <summary>The part of a member, such as a country, in the deviation of a business figure.</summary>
/// <param name="Member">The member.</param>
/// <param name="Value">The value of the member.</param>
/// <param name="Usual">The median of the same hours of earlier weeks; null if it is not known.</param>
/// <param name="Share">The share in the deviation of all members: 0.9 for 90 %. It is negative for a member that
/// deviates in the other direction.</param>
public sealed record KpiMemberDeviation(string Member, decimal Value, decimal? Usual, decimal Share);
