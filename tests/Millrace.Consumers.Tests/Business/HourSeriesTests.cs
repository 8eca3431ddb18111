using Millrace.Business.Detection;

namespace Millrace.Tests;

/// <summary>Tests the value of several hours of each kind of figure.</summary>
public sealed class HourSeriesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(KpiKind.Sum, 4)]
    [InlineData(KpiKind.Count, 4)]
    [InlineData(KpiKind.Mean, 0.004)]
    [InlineData(KpiKind.Ratio, 0.004)]
    [InlineData(KpiKind.Duration, 0.004)]
    public void Several_hours_are_weighted_as_one(KpiKind kind, double expected)
    {
        // An hour with 1 of 1, one without events, and one with 3 of 999 of one event.
        var hours = Series(kind, (1, 1), null, (3, 999));

        Assert.Equal((decimal)expected, hours.Value(0, 3));
        Assert.Equal(hours.IsSum ? 0m : (decimal?)null, hours.Value(1, 2));
        Assert.Equal(1m, hours.Value(0, 1));
    }

    [Fact]
    public void The_effects_of_the_members_on_a_ratio_add_up_to_its_deviation()
    {
        var weeks = new List<(decimal Sum, decimal Weight)?>();
        for (var hour = 0; hour < 4 * UsualValue.WeekHours; hour++)
            weeks.Add((90, 100));
        var total = Series(KpiKind.Ratio, [.. weeks, (91, 1_099)]);
        var large = Series(KpiKind.Ratio, [.. weeks, (1, 999)]);
        var small = Series(KpiKind.Ratio, [.. weeks.Select(static _ => ((decimal, decimal)?)null), (90, 100)]);

        var members = DeviationExplainer.Explain(
            total, [new("large", large), new("small", small)], weeks.Count, weeks.Count + 1);

        Assert.Equal("large", members[0].Member);
        Assert.Equal(1m, members[0].Share); // The other one is as usual.
        Assert.Single(members);
    }

    private static HourSeries Series(KpiKind kind, params (decimal Sum, decimal Weight)?[] hours) =>
        HourSeries.Of(kind, [.. hours.Select((hour, index) => new KpiPoint
        {
            Start = Start.AddHours(index),
            End = Start.AddHours(index + 1),
            Value = hour is { } known ? (kind is KpiKind.Sum or KpiKind.Count ? known.Sum : known.Sum / known.Weight)
                : kind is KpiKind.Sum or KpiKind.Count ? 0m : (decimal?)null,
            Sum = hour?.Sum ?? 0,
            Weight = hour?.Weight ?? 0,
            Count = hour is null ? 0 : 1,
        })]);
}
