using Millrace.Materializing.Immediate;

namespace Millrace.Tests.Materializing;

/// <summary>Tests which views a repeated commit leaves out.</summary>
public sealed class RefusedRowSearchTests
{
    private const int MaxViews = 12;

    public static TheoryData<int> Counts => [.. Enumerable.Range(1, MaxViews)];

    [Theory]
    [MemberData(nameof(Counts))]
    public void A_refused_view_is_left_out_alone_with_its_failure(int views)
    {
        for (var refused = 0; refused < views; refused++)
        {
            var (left, attempts) = Search(views, refused);

            Assert.Equal([(refused, $"view {refused}")], left!);
            Assert.Equal(refused + 2, attempts); // One attempt repeats the commit without a change.
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Two_refused_views_are_left_out_with_their_own_failures(int views)
    {
        for (var one = 0; one < views; one++)
        {
            for (var other = one + 1; other < views; other++)
                Assert.Equal([(one, $"view {one}"), (other, $"view {other}")], Search(views, one, other).Left!);
        }
    }

    [Fact]
    public void All_views_are_left_out_if_the_storage_refuses_three_of_them()
    {
        var (left, attempts) = Search(4, 0, 1, 3);

        Assert.Equal([0, 1, 2, 3], left!.Select(static one => one.View));
        Assert.Equal(1 + 4 + 6 + 1, attempts);
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void The_search_ends_if_the_views_are_not_the_cause(int views)
    {
        var (left, attempts) = Search(views, MaxViews + 1);

        Assert.Null(left);
        Assert.InRange(attempts, 2, views + 30);
    }

    /// <summary>Repeats a commit until it contains no refused view. Its failure names the first one.</summary>
    private static (IReadOnlyList<(int View, string Reason)>? Left, int Attempts) Search(
        int views, params int[] refused)
    {
        var search = new RefusedRowSearch(views);
        IReadOnlyDictionary<int, Exception> left = new Dictionary<int, Exception>();
        for (var attempts = 0; ; attempts++)
        {
            var included = refused.Where(view => !left.ContainsKey(view)).ToArray();
            if (included.Length == 0)
                return ([.. left.OrderBy(static one => one.Key).Select(one => (one.Key, one.Value.Message))], attempts);
            if (search.Next(new InvalidOperationException($"view {included[0]}")) is not { } next)
                return (null, attempts);
            left = next;
        }
    }
}
