namespace Millrace.Redis.Tests;

/// <summary>A line that also keeps retries, of which there are none.</summary>
public sealed class RetryingReceiverConformanceTests(OwnServer own)
    : RedisConformance(own.Server, sharesSubscriptions: false), IClassFixture<OwnServer>
{
    public static TheoryData<string> CheckNames => SoleReceiverConformanceTests.CheckNames;

    [RedisTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    protected override async ValueTask<ITransport> Create(CancellationToken cancellationToken) =>
        new RetryingTransport((RedisTransport)await base.Create(cancellationToken));
}
