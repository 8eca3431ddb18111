namespace Millrace.Redis.Tests;

/// <summary>Runs the conformance checks on a transport that supports retries, without any retry.</summary>
public sealed class RetryingReceiverConformanceTests(RedisServerFixture own)
    : RedisConformance(own.Server, sharesSubscriptions: false), IClassFixture<RedisServerFixture>
{
    public static TheoryData<string> CheckNames => SoleReceiverConformanceTests.CheckNames;

    [RedisTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    protected override async ValueTask<ITransport> Create(CancellationToken cancellationToken) =>
        new RetryingTransport((RedisTransport)await base.Create(cancellationToken));
}
