using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Runs the conformance checks with receivers that share a subscription.</summary>
public sealed class SharedReceiverConformanceTests(RedisServerFixture own)
    : RedisConformance(own.Server, sharesSubscriptions: true), IClassFixture<RedisServerFixture>
{
    public static TheoryData<string> CheckNames => new(
        ChecksFor(
            TransportFeatures.BrokerStops | TransportFeatures.ConnectionsBreak | TransportFeatures.SharesImmediately)
            .Select(check => check.Name));

    [RedisTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);
}
