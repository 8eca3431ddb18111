using FsCheck;
using FsCheck.Fluent;
using Millrace.Messaging.Receiving;

namespace Millrace.Messaging.Tests;

public sealed class InboxIdTests
{
    private const int Longest = 256; // Of what a storage takes.
    private const string Uuid = "0192f6a1-7c3b-7d21-9a44-0c7e5b1f2d33";

    // Some look like what is made of others.
    private static readonly string[] Texts =
    [
        "", "a", "b", "a\nb", "\n", "#1", "\0", "ü", "\U0001F600", Uuid, Uuid.ToUpperInvariant(), "{" + Uuid + "}",
        "+" + Uuid[1..], Uuid.Replace("-", "", StringComparison.Ordinal), Guid.Empty.ToString(),
        new('x', 197), new('x', 198), new('y', 5_000),
    ];

    [Fact]
    public void Only_what_is_the_same_has_the_same_note_and_key()
    {
        var all = Texts
            .SelectMany(id => Texts.SelectMany(source => Texts.Select(subject => MessageOf(id, source, subject))))
            .SelectMany(message => Enumerable.Range(0, 3).Select(part => new InboxId("orders", message, part)))
            .ToList();
        Assert.Equal(all.Count, all.Select(id => id.ToNote()).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(all.Count, all.Select(id => id.ToKey()).Distinct(StringComparer.Ordinal).Count());
        Assert.All(all, id => Assert.True(id.ToNote().Length <= Longest && id.ToKey().Length <= Longest));
    }

    [Fact]
    public void What_comes_again_has_the_same_note_and_key() => Assert.All(Texts, text =>
    {
        var once = new InboxId("orders", MessageOf(text, text, ""));
        var again = new InboxId("orders", MessageOf(text, text, null));
        Assert.Equal((once.ToNote(), once.ToKey()), (again.ToNote(), again.ToKey()));
    });

    [Fact]
    public void Notes_are_in_the_order_of_their_uuids() => Prop.ForAll(
        ArbMap.Default.ArbFor<Guid>().Generator.Two().ToArbitrary(),
        two => Math.Sign(string.CompareOrdinal(NoteOf(two.Item1.ToString()), NoteOf(two.Item2.ToString())))
            == Math.Sign(two.Item1.CompareTo(two.Item2))).QuickCheckThrowOnFailure();

    /// <summary>A note that a later build does not find would let a message have its effect again.</summary>
    [Fact]
    public void Notes_and_keys_stay_what_they_are()
    {
        var id = new InboxId("orders", MessageOf(Uuid, "shop", "order-7"));
        Assert.Equal("0192f6a17c3b7d219a440c7e5b1f2d33526071f07dc5a395", id.ToNote());
        Assert.Equal($"orders\n{Uuid}\nshop\norder-7", id.ToKey());
        var second = new InboxId("orders", MessageOf("7", "shop", null), part: 1);
        Assert.Equal("7\nd8addffe56eec93e\n#1", second.ToNote());
        Assert.Equal("orders\n7\nshop\n\n#1", second.ToKey());
        var large = new InboxId("orders", MessageOf(new string('x', 300), "shop", "a"));
        Assert.Equal("\n6f6ddd52b1125867296f2a8166eb94446bc5887584845966016e297341a26130", large.ToNote());
        Assert.Equal("orders\n89b41cf96add4ae76eb6784fcbb1c7052a338024b9fd4665148d5d2fcd0750eb", large.ToKey());
    }

    private static string NoteOf(string id) => new InboxId("orders", MessageOf(id, "shop", "order-7")).ToNote();

    private static Message MessageOf(string id, string source, string? subject) =>
        new() { Id = id, Type = "order.placed", Source = source, Subject = subject, Body = default };
}
