namespace Millrace.Kafka.Tests;

public sealed class FirstQuarterConformanceTests(OwnServer own) : KafkaConformance(own), IClassFixture<OwnServer>
{
    public static TheoryData<string> Promises => Quarter(0);

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);
}
