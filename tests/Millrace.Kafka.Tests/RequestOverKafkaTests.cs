using Confluent.Kafka;

namespace Millrace.Kafka.Tests;

public sealed class RequestOverKafkaTests
{
    [Fact]
    public async Task An_answer_does_not_create_or_fill_a_topic_that_a_request_names()
    {
        using var server = new KafkaServer();
        var checks = new UndeliverableAnswerChecks((millrace, configure) => millrace.UseKafka(
            server.Address, configure, options => options.CreatesTopics = false));

        await checks.Run();

        using var client = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = server.Address }).Build();
        var topics = client.GetMetadata(TimeSpan.FromSeconds(20)).Topics.ConvertAll(static topic => topic.Topic);
        Assert.DoesNotContain(checks.Nowhere, topics);
    }
}
