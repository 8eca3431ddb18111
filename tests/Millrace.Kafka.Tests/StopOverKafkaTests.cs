namespace Millrace.Kafka.Tests;

public sealed class StopOverKafkaTests
{
    [Fact]
    public async Task Who_is_stopped_finishes_what_is_in_hand_and_loses_and_doubles_nothing()
    {
        using var server = new KafkaServer();
        await Checks(server).Run();
    }

    [Fact]
    public async Task What_is_not_finished_within_the_limit_is_done_once_by_the_next()
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
