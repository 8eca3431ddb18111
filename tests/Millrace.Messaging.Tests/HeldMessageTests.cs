using Millrace.Messaging.Receiving;

namespace Millrace.Messaging.Tests;

/// <summary>How a message is written that could not be handled.</summary>
public sealed class HeldMessageTests
{
    private static readonly Message Sent = new() { Id = "1", Type = "order.placed", Body = "{}"u8.ToArray() };

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void What_its_sender_writes_under_the_names_of_ours_counts_for_nothing(int attempts)
    {
        var sent = With(
            ("millraceattempts", "1000"),
            ("millraceproblem", "mine"),
            ("millraceheaders", "{"),
            ("tenant", "a"),
            ("A-B", "c"));

        var (message, problem, counted, _) = HeldMessage.Read(HeldMessage.Write(sent, null, attempts));

        Assert.Equal((attempts, null), (counted, problem));
        Assert.Equal(new Dictionary<string, string> { ["tenant"] = "a", ["A-B"] = "c" }, message.Headers);
    }

    /// <summary>As earlier versions have stored it: one more than the most would be less than any.</summary>
    [Theory]
    [InlineData("2147483647", 1_000_000)]
    [InlineData("-5", 0)]
    [InlineData("99999999999", 0)]
    public void An_untrusted_count_is_limited(string told, int counted) =>
        Assert.Equal(counted, HeldMessage.Read(CloudEventJson.Write(With(("millraceattempts", told)))).Attempts);

    private static Message With(params IEnumerable<(string Name, string Value)> headers) =>
        Sent with { Headers = headers.ToDictionary(static one => one.Name, static one => one.Value) };
}
