using Millrace.Messaging.Receiving;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the stored form of a message that could not be handled.</summary>
public sealed class HeldMessageTests
{
    private static readonly Message Sent = new() { Id = "1", Type = "order.placed", Body = "{}"u8.ToArray() };

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Headers_of_the_sender_with_reserved_names_are_ignored(int attempts)
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

    /// <summary>Earlier versions stored any count, and incrementing the largest int would overflow.</summary>
    [Theory]
    [InlineData("2147483647", 1_000_000)]
    [InlineData("-5", 0)]
    [InlineData("99999999999", 0)]
    public void An_untrusted_count_is_limited(string stored, int expected) =>
        Assert.Equal(expected, HeldMessage.Read(CloudEventJson.Write(With(("millraceattempts", stored)))).Attempts);

    private static Message With(params IEnumerable<(string Name, string Value)> headers) =>
        Sent with { Headers = headers.ToDictionary(static header => header.Name, static header => header.Value) };
}
