namespace Millrace.Kafka.Tests;

public sealed class SecondQuarterConformanceTests(KafkaServerFixture fixture)
    : KafkaConformance(fixture), IClassFixture<KafkaServerFixture>
{
    public static TheoryData<string> CheckNames => Quarter(1);

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);
}
