using FsCheck;
using FsCheck.Fluent;
using Millrace.Messaging.Receiving;

namespace Millrace.Messaging.Tests;

public sealed class InboxIdTests
{
    private const int MaxLength = 256; // The maximum length that every storage accepts.
    private const string Uuid = "0192f6a1-7c3b-7d21-9a44-0c7e5b1f2d33";

    // Some texts resemble the handled ids and keys that are made from other texts.
    private static readonly string[] Texts =
    [
        "", "a", "b", "a\nb", "\n", "#1", "\0", "ü", "\U0001F600", Uuid, Uuid.ToUpperInvariant(), "{" + Uuid + "}",
        "+" + Uuid[1..], Uuid.Replace("-", "", StringComparison.Ordinal), Guid.Empty.ToString(),
        new('x', 197), new('x', 198), new('y', 5_000),
    ];

    [Fact]
    public void Different_messages_have_different_handled_ids_and_keys()
    {
        var all = Texts
            .SelectMany(id => Texts.SelectMany(source => Texts.Select(subject => MessageOf(id, source, subject))))
            .SelectMany(message => Enumerable.Range(0, 3).Select(part => new InboxId("orders", message, part)))
            .ToList();
        Assert.Equal(all.Count, all.Select(id => id.ToHandledId()).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(all.Count, all.Select(id => id.ToKey()).Distinct(StringComparer.Ordinal).Count());
        Assert.All(all, id => Assert.True(id.ToHandledId().Length <= MaxLength && id.ToKey().Length <= MaxLength));
    }

    [Fact]
    public void A_repeated_message_has_the_same_handled_id_and_key() => Assert.All(Texts, text =>
    {
        var first = new InboxId("orders", MessageOf(text, text, ""));
        var repeated = new InboxId("orders", MessageOf(text, text, null));
        Assert.Equal((first.ToHandledId(), first.ToKey()), (repeated.ToHandledId(), repeated.ToKey()));
    });

    [Fact]
    public void Handled_ids_are_ordered_like_their_UUIDs() => Prop.ForAll(
        ArbMap.Default.ArbFor<Guid>().Generator.Two().ToArbitrary(),
        pair => Math.Sign(string.CompareOrdinal(HandledIdOf(pair.Item1.ToString()), HandledIdOf(pair.Item2.ToString())))
            == Math.Sign(pair.Item1.CompareTo(pair.Item2))).QuickCheckThrowOnFailure();

    /// <summary>If a later version wrote other handled ids, it would handle a repeated message twice.</summary>
    [Fact]
    public void The_stored_form_of_handled_ids_and_keys_never_changes()
    {
        var id = new InboxId("orders", MessageOf(Uuid, "shop", "order-7"));
        Assert.Equal("0192f6a17c3b7d219a440c7e5b1f2d33526071f07dc5a395", id.ToHandledId());
        Assert.Equal($"orders\n{Uuid}\nshop\norder-7", id.ToKey());
        var second = new InboxId("orders", MessageOf("7", "shop", null), part: 1);
        Assert.Equal("7\nd8addffe56eec93e\n#1", second.ToHandledId());
        Assert.Equal("orders\n7\nshop\n\n#1", second.ToKey());
        var large = new InboxId("orders", MessageOf(new string('x', 300), "shop", "a"));
        Assert.Equal("\n6f6ddd52b1125867296f2a8166eb94446bc5887584845966016e297341a26130", large.ToHandledId());
        Assert.Equal("orders\n89b41cf96add4ae76eb6784fcbb1c7052a338024b9fd4665148d5d2fcd0750eb", large.ToKey());
    }

    private static string HandledIdOf(string id) =>
        new InboxId("orders", MessageOf(id, "shop", "order-7")).ToHandledId();

    private static Message MessageOf(string id, string source, string? subject) =>
        new() { Id = id, Type = "order.placed", Source = source, Subject = subject, Body = default };
}
