using Shapes;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// Tests local times in time zones with positive, negative and half-hour offsets and with skipped days.
/// </summary>
[Collection(ExclusiveCollection.Name)]
public sealed class LocalTimeTests
{
    private static readonly DateTime Earliest = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Local);
    private static readonly DateTime Latest = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Local);

    public static TheoryData<string> Zones => ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"];

    [Theory]
    [MemberData(nameof(Zones))]
    public void The_first_and_the_last_local_times_are_read_back_unchanged(string zone) =>
        RunInZone(
            zone,
            () =>
            {
                foreach (var time in new[]
                    {
                        Earliest,
                        Earliest.AddTicks(1),
                        Earliest.AddHours(20),
                        Latest,
                        Latest.AddTicks(-1),
                        Latest.AddHours(-20),
                    }
                )
                {
                    foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
                    {
                        var value = new TimesNoted(null, time, null, null, null, null);
                        Assert.Null(SameValue.Difference(value, ShapesEvents.RoundTrip(value, format)));
                    }
                }
            }
        );

    [Theory]
    [MemberData(nameof(Zones))]
    public void Any_local_time_is_read_back_unchanged(string zone) => RunInZone(zone, () =>
    {
        foreach (var name in new[] { "times.held", "times.noted", "wrappers.held", "keys.held", "keys.named" })
            new ValueRoundTripProperties().A_storable_value_is_read_back_unchanged(name);
    });

    private static void RunInZone(string zone, Action test)
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
