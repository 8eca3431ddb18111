using Millrace.Consuming;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests which failures of many documents are logged.</summary>
public sealed class FailureLogTests
{
    [Fact]
    public void A_kind_of_failure_is_logged_once_a_minute_with_the_number_of_omitted_ones()
    {
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        var log = new FailureLog(clock);

        var first = log.Note(new TimeoutException("slow"));
        var second = log.Note(new TimeoutException("slower"));
        var other = log.Note(new CircuitOpenException("payments", TimeSpan.FromSeconds(3), null));
        clock.Advance(TimeSpan.FromSeconds(61));
        var third = log.Note(new TimeoutException("slowest"));

        Assert.Equal(("slow", 0L), (first!.Problem, first.Omitted));
        Assert.Null(second);
        Assert.Null(other!.Exception); // Its message is enough.
        Assert.Contains("payments", other.Problem, StringComparison.Ordinal);
        Assert.Equal(("slowest", 1L), (third!.Problem, third.Omitted));
        Assert.NotNull(third.Exception);
    }
}
