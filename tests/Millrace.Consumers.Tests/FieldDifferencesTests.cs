using System.Text;
using System.Text.Json;
using Millrace.Shared.Comparisons;

namespace Millrace.Tests;

/// <summary>
/// Tests that documents are compared field by field. The paths of the fields have the syntax of explanations.
/// </summary>
public sealed class FieldDifferencesTests
{
    [Theory]
    [InlineData("""{"a":[]}""", """{"a":{}}""", "a: [] -> {}")]
    [InlineData("""{"a":[]}""", """{"a":[1]}""", "a[0]: (none) -> 1")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{}}""", "a.b: 1 -> (none)")]
    [InlineData("{}", """{"a":1}""", "a: (none) -> 1")]
    [InlineData("""{"a":1}""", """{"a":1,"b":[]}""", "b: (none) -> []")]
    [InlineData("""{"a":{}}""", """{"a":1}""", "a: {} -> 1")]
    [InlineData("""{"prices":{"en.GB":1}}""", """{"prices":{"en.GB":2}}""", "prices[\"en.GB\"]: 1 -> 2")]
    [InlineData("""{"":{"x[0]":1}}""", """{"":{"x[0]":2}}""", "[\"\"][\"x[0]\"]: 1 -> 2")]
    public void Each_different_field_is_reported_by_a_path_that_an_explanation_accepts(
        string before, string after, string expected)
    {
        var field = Assert.Single(
            FieldDifferences.Between(Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after), out var count));

        Assert.Equal((expected, 1), ($"{field.Path}: {field.Before ?? "(none)"} -> {field.After ?? "(none)"}", count));
        var body = Encoding.UTF8.GetBytes(field.After is null ? before : after);
        Assert.True(MemberPath.Parse(field.Path).TryFind(body, out var value));
        Assert.Equal(field.After ?? field.Before, Encoding.UTF8.GetString(value));
    }

    [Fact]
    public void The_first_twenty_differences_are_returned_and_all_are_counted()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(Enumerable.Range(0, 33));

        var found = FieldDifferences.Between(null, body, out var count);

        Assert.Equal((20, 33), (found.Count, count));
    }
}
