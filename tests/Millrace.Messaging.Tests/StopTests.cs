namespace Millrace.Messaging.Tests;

public sealed class StopTests
{
    private readonly StopChecks _checks;

    public StopTests()
    {
        var broker = new InMemoryBroker();
        _checks = new StopChecks((millrace, configure) => millrace.UseInMemoryTransport(configure, broker));
    }

    [Fact]
    public Task A_stopped_node_finishes_its_messages_without_loss_or_duplicates() => _checks.Run();

    [Fact]
    public Task A_message_that_exceeds_the_stop_timeout_is_handled_once_by_the_next_node() => _checks.RunLate();
}
