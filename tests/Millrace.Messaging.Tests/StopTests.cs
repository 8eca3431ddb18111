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
    public Task Who_is_stopped_finishes_what_is_in_hand_and_loses_and_doubles_nothing() => _checks.Run();

    [Fact]
    public Task What_is_not_finished_within_the_limit_is_done_once_by_the_next() => _checks.RunLate();
}
