namespace Millrace.Kafka.Tests;

public sealed class StopOverKafkaTests
{
    [Fact]
    public async Task A_stopping_receiver_finishes_its_messages_and_none_is_lost_or_repeated()
    {
        using var server = new KafkaServer();
        await Checks(server).Run();
    }

    [Fact]
    public async Task Messages_unfinished_at_the_stop_limit_are_handled_once_by_the_next_node()
    {
        using var server = new KafkaServer();
        await Checks(server).RunLate();
    }

    private static StopChecks Checks(KafkaServer server) =>
        new(
            (millrace, configure) =>
                millrace.UseKafka(
                    server.Address,
                    configure,
                    options => (options.CreatesTopics, options.TakeOverAfter) = (false, TimeSpan.FromSeconds(4))));
}
