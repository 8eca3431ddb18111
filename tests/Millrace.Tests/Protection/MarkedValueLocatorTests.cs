using System.Text;
using Millrace.Protection;

namespace Millrace.Tests.Protection;

/// <summary>Tests that marked values are found in any JSON, with their subjects.</summary>
public sealed class MarkedValueLocatorTests
{
    private static readonly MarkNode Marks = MarkNode.Of(
    [
        new ProtectedMember("/email"),
        new ProtectedMember("/address"),
        new ProtectedMember("/guests/*/name") { Subject = "/guests/*/id", SubjectType = "customer" },
        new ProtectedMember("/names/*") { Subject = "/owner", SubjectType = "customer" },
        new ProtectedMember("/a~1b"),
    ]);

    [Theory]
    [InlineData("""{"email":"a@b.c"}""", "/email=\"a@b.c\"")]
    [InlineData("""{"x":{"email":"no"},"email":5}""", "/email=5")]
    [InlineData("""{ "Email" : "x" , "EMAIL":"y" }""", "/Email=\"x\"|/EMAIL=\"y\"")]
    [InlineData("""{"em\u0061il":"x"}""", "/email=\"x\"")]
    [InlineData("""{"email":null}""", "")]
    [InlineData("""{"address":{"street":"s","lines":[1,2]}}""", "/address={\"street\":\"s\",\"lines\":[1,2]}")]
    [InlineData("""{"a/b":"x"}""", "/a~1b=\"x\"")]
    [InlineData("""["email"]""", "")]
    [InlineData("\"email\"", "")]
    [InlineData("5", "")]
    [InlineData("""{"email":"x","email":"y"}""", "/email=\"x\"|/email=\"y\"")]
    public void Values_are_found(string json, string expected) => Assert.Equal(expected, Describe(json, Find(json)));

    [Fact]
    public void Each_item_has_its_own_subject()
    {
        const string json = """{"guests":[{"name":"A","id":1},{"id":"2","name":"B"},{"id":3}]}""";

        var found = Find(json);

        Assert.Equal(["/guests/0/name customer-1", "/guests/1/name customer-2"],
            found.Select(value => $"{value.Path} {value.Subject}"));
    }

    [Fact]
    public void Each_member_of_an_object_can_be_marked()
    {
        const string json = """{"names":{"first":"A","last":"B"},"owner":"7"}""";

        Assert.Equal(["/names/first customer-7", "/names/last customer-7"],
            Find(json).Select(value => $"{value.Path} {value.Subject}"));
    }

    [Theory]
    [InlineData("0194B1C0-8A3E-7000-8000-0000000000AB", "customer-0194b1c0-8a3e-7000-8000-0000000000ab")]
    [InlineData("{0194b1c0-8a3e-7000-8000-0000000000ab}", "customer-0194b1c0-8a3e-7000-8000-0000000000ab")]
    [InlineData("Seven", "customer-Seven")]
    public void Texts_of_the_same_id_are_the_same_subject(string id, string expected) =>
        Assert.Equal(expected, Assert.Single(Find($$"""{"names":{"a":"A"},"owner":"{{id}}"}""")).Subject);

    [Theory]
    [InlineData("""{"guests":[{"name":"A"}]}""")]
    [InlineData("""{"guests":[{"name":"A","id":null}]}""")]
    [InlineData("""{"guests":[{"name":"A","id":{"x":1}}]}""")]
    [InlineData("""{"guests":[{"name":"A","id":""}]}""")]
    public void A_value_without_a_subject_is_refused(string json)
    {
        var refused = Assert.Throws<ProtectedValueException>(() => Find(json));

        Assert.Contains("/guests/0/id", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\"A\"", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"email":"x"} {}""")]
    [InlineData("not json")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"names":{"a":"A"},"owner":"\ud800"}""")]
    public void Bytes_that_are_not_JSON_are_refused(string json) =>
        Assert.Throws<ProtectedValueException>(() => Find(json));

    [Fact]
    public void Subjects_of_members_that_differ_in_case_are_not_confused()
    {
        var marks = MarkNode.Of([new ProtectedMember("/g/*/name") { Subject = "/g/*/id", SubjectType = "c" }]);
        const string json = """{"G":{"A":{"name":"x","id":1},"a":{"Name":"y","ID":2}}}""";

        var found = MarkedValueLocator.Find(Encoding.UTF8.GetBytes(json), marks, null, "test");

        Assert.Equal(["/G/A/name c-1", "/G/a/Name c-2"], found.Select(value => $"{value.Path} {value.Subject}"));
    }

    [Fact]
    public void A_mark_of_every_member_also_applies_to_members_with_marks_of_their_own()
    {
        var marks = MarkNode.Of([new ProtectedMember("/g/*/name"), new ProtectedMember("/g/host/phone")]);
        const string json = """{"g":{"host":{"name":"x","phone":"1"},"guest":{"name":"y","phone":"2"}}}""";

        Assert.Equal(
            ["/g/host/name", "/g/host/phone", "/g/guest/name"],
            MarkedValueLocator.Find(Encoding.UTF8.GetBytes(json), marks, "c-1", "test").Select(value => value.Path));
        Assert.True(marks.IsMarked("/g/host/name"));
        Assert.False(marks.IsMarked("/g/guest/phone"));
    }

    [Fact]
    public void Deep_JSON_is_refused_and_does_not_crash() =>
        Assert.Throws<ProtectedValueException>(() => Find($$"""{"guests":{{new string('[', 5_000)}}"""));

    private static IReadOnlyList<MarkedValue> Find(string json) =>
        MarkedValueLocator.Find(Encoding.UTF8.GetBytes(json), Marks, "customer-1", "test");

    private static string Describe(string json, IEnumerable<MarkedValue> found) =>
        string.Join('|', found.Select(value => $"{value.Path}={json.Substring(value.Start, value.Length)}"));
}
