namespace Millrace.Kafka.Tests;

public sealed class FirstQuarterConformanceTests(KafkaServerFixture fixture)
    : KafkaConformance(fixture), IClassFixture<KafkaServerFixture>
{
    public static TheoryData<string> CheckNames => Quarter(0);

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);
}
