using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Receivers of a subscription take turns: the default.</summary>
public sealed class SoleReceiverConformanceTests(OwnServer own)
    : RedisConformance(own.Server, sharesSubscriptions: false), IClassFixture<OwnServer>
{
    public static TheoryData<string> Promises => new(
        ChecksFor(TransportFeatures.BrokerStops | TransportFeatures.ConnectionsBreak).Select(check => check.Name));

    [RedisTheory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);
}
