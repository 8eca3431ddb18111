using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Runs the conformance checks with one active receiver for each subscription, which is the default.</summary>
public sealed class SoleReceiverConformanceTests(RedisServerFixture own)
    : RedisConformance(own.Server, sharesSubscriptions: false), IClassFixture<RedisServerFixture>
{
    public static TheoryData<string> CheckNames => new(
        ChecksFor(TransportFeatures.BrokerStops | TransportFeatures.ConnectionsBreak).Select(check => check.Name));

    [RedisTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);
}
