using System.Diagnostics;
using System.Text;
using Millrace.Messaging.Requesting;
using Millrace.Protection;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the search for plain marked values in a request with many encrypted ones.</summary>
public sealed class PlainRequestSearchTests
{
    private static readonly MarkNode Marks =
        MarkNode.Of([new("/lines/*/note") { IsSecret = true }, new("/house/street") { IsSecret = true }]);

    [Theory]
    [InlineData("/lines/7/note /house/street", true)]
    [InlineData("/lines/7/note /house", true)]
    [InlineData("/lines /house/street", true)]
    [InlineData("/other", false)]
    [InlineData("/lines/7/note", false)]
    [InlineData("/lines/7/note/text /house/street", false)]
    [InlineData("/lines/7/other /house/street", false)]
    public void A_request_with_encrypted_values_of_all_marks_is_found_by_its_paths(string paths, bool hasAll) =>
        Assert.Equal(hasAll, PlainRequestReporter.HasAllMarks(paths.Split(' '), Marks));

    [Theory]
    [InlineData("/lines/0/note /lines/1/note", false)]
    [InlineData("/lines/0/note /lines", false)]
    [InlineData("/lines/0/note", true)]
    [InlineData("/lines/0/note /lines/1/not", true)]
    [InlineData("/lines/0/note /lines/1/notes", true)]
    public void A_value_is_plain_if_no_path_leads_to_it_or_to_a_value_that_contains_it(string paths, bool isPlain) =>
        Assert.Equal(isPlain, HasPlainValue(2, paths.Split(' ')));

    [Fact]
    public void The_duration_of_the_search_grows_linearly()
    {
        const int Lines = 100_000;
        string[] paths = [.. Enumerable.Range(0, Lines).Select(static line => $"/lines/{line}/note")];
        var start = Stopwatch.GetTimestamp();

        Assert.False(HasPlainValue(Lines, paths));

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(30)); // Else minutes.
    }

    private static bool HasPlainValue(int lines, string[] paths)
    {
        var items = string.Join(',', Enumerable.Repeat("""{"note":"x"}""", lines));
        var json = Encoding.UTF8.GetBytes($$"""{"lines":[{{items}}]}""");
        return PlainRequestReporter.HasPlainValue(json, Marks, paths, "send-lines");
    }
}
