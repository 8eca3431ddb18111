namespace Millrace.Kafka.Tests;

public sealed class SecondQuarterConformanceTests(OwnServer own) : KafkaConformance(own), IClassFixture<OwnServer>
{
    public static TheoryData<string> Promises => Quarter(1);

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);
}
