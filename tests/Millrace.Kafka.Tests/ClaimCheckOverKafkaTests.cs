namespace Millrace.Kafka.Tests;

public sealed class ClaimCheckOverKafkaTests
{
    [Theory]
    [InlineData("Binary")]
    [InlineData("Structured")]
    public async Task A_large_body_is_stored_outside_the_broker_and_a_lost_or_changed_one_is_reported(string format)
    {
        using var server = new KafkaServer();
        await new ClaimChecks("kafka", (millrace, configure) => millrace.UseKafka(
            server.Address, configure, options => options.CreatesTopics = false)).Run(format);
    }
}
