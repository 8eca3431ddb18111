using Shapes;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Local times, in time zones with offsets of either sign, of half an hour, and with days
/// that they left out.</summary>
[Collection(ExclusiveCollection.Name)]
public sealed class LocalTimeTests
{
    private static readonly DateTime Earliest = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Local);
    private static readonly DateTime Last = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Local);

    public static TheoryData<string> Zones => ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"];

    [Theory]
    [MemberData(nameof(Zones))]
    public void The_first_and_the_last_local_times_come_back(string zone) =>
        In(
            zone,
            () =>
            {
                foreach (var time in new[]
                    {
                        Earliest,
                        Earliest.AddTicks(1),
                        Earliest.AddHours(20),
                        Last,
                        Last.AddTicks(-1),
                        Last.AddHours(-20),
                    }
                )
                {
                    foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
                    {
                        var value = new TimesNoted(null, time, null, null, null, null);
                        Assert.Null(SameValue.Difference(value, ShapesEvents.Again(value, format)));
                    }
                }
            }
        );

    [Theory]
    [MemberData(nameof(Zones))]
    public void Any_time_comes_back(string zone) => In(zone, () =>
    {
        foreach (var name in new[] { "times.held", "times.noted", "wrappers.held", "keys.held", "keys.named" })
            new ValueRoundTripProperties().A_value_that_can_be_stored_comes_back_as_it_was(name);
    });

    private static void In(string zone, Action test)
    {
        const string Variable = "TZ";
        var before = Environment.GetEnvironmentVariable(Variable);
        try
        {
            Environment.SetEnvironmentVariable(Variable, zone);
            TimeZoneInfo.ClearCachedData();
            test();
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
            TimeZoneInfo.ClearCachedData();
        }
    }
}
