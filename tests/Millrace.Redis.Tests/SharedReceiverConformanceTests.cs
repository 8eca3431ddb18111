using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Receivers of a subscription work at the same time.</summary>
public sealed class SharedReceiverConformanceTests(OwnServer own)
    : RedisConformance(own.Server, sharesSubscriptions: true), IClassFixture<OwnServer>
{
    public static TheoryData<string> Promises => new(
        ChecksFor(TransportFeatures.BrokerStops | TransportFeatures.ConnectionsBreak | TransportFeatures.SharesAtOnce)
            .Select(check => check.Name));

    [RedisTheory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);
}
