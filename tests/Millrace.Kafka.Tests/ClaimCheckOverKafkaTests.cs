namespace Millrace.Kafka.Tests;

public sealed class ClaimCheckOverKafkaTests
{
    [Theory]
    [InlineData("Binary")]
    [InlineData("Structured")]
    public async Task A_large_body_goes_beside_the_broker_and_one_that_is_lost_or_changed_is_told(string format)
    {
        using var server = new KafkaServer();
        await new ClaimChecks("kafka", (millrace, configure) => millrace.UseKafka(
            server.Address, configure, options => options.CreatesTopics = false)).Run(format);
    }
}
