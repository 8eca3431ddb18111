using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Messaging.Tests;

public sealed class InboxIdTests
{
    private const int Longest = 256; // Of what a storage takes.
    private const string Uuid = "0192f6a1-7c3b-7d21-9a44-0c7e5b1f2d33";

    // Few texts, so that two of them are equal now and then; some look like what is made of others.
    private static readonly string[] Texts =
    [
        "", "a", "b", "a\nb", "\n", "#1", "\0", "ü", "\U0001F600", Uuid, Uuid.ToUpperInvariant(), "{" + Uuid + "}", "+" + Uuid[1..],
        Guid.Empty.ToString(), new('x', 197), new('x', 198), new('y', 5_000), new('-', 32),
    ];

    private static Arbitrary<(string, string, string?, int)[]> Two { get; } = Gen.ArrayOf(
        from id in Gen.Elements(Texts)
        from source in Gen.Elements(Texts)
        from subject in Gen.Elements([.. Texts, null])
        from part in Gen.Choose(0, 2)
        select (id, source, subject, part),
        2).ToArbitrary();

    [Fact]
    public void Only_what_is_the_same_has_the_same_note_and_key() => Prop.ForAll(Two, two =>
    {
        var (one, other) = (IdOf(two[0]), IdOf(two[1]));
        var isSame = (two[0].Item3 ?? "") == (two[1].Item3 ?? "") && two[0] with { Item3 = "" } == two[1] with { Item3 = "" };
        return one.ToNote() == other.ToNote() == isSame
            && one.ToKey() == other.ToKey() == isSame
            && one.ToNote().Length <= Longest
            && one.ToKey().Length <= Longest;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

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

    private static InboxId IdOf((string Id, string Source, string? Subject, int Part) of) =>
        new("orders", MessageOf(of.Id, of.Source, of.Subject), of.Part);

    private static string NoteOf(string id) => new InboxId("orders", MessageOf(id, "shop", "order-7")).ToNote();

    private static Message MessageOf(string id, string source, string? subject) =>
        new() { Id = id, Type = "order.placed", Source = source, Subject = subject, Body = default };
}
