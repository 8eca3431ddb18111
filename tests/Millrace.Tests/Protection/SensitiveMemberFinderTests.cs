using System.Text;
using Millrace.Protection;

namespace Millrace.Tests.Protection;

public sealed class SensitiveMemberFinderTests
{
    [Theory]
    [InlineData("""{"email":"a@b"}""", "/email")]
    [InlineData("""{"Email":"a@b","e_mail":"c@d"}""", "/Email /e_mail")]
    [InlineData("""{"apiKey":1,"monkey":"x","key":"y","keys":["z"]}""", "/apiKey")]
    [InlineData("""{"credit_card":{"number":"1"},"creditCardNumber":2}""", "/creditCardNumber /credit_card")]
    [InlineData("""{"a":{"b":[{"phone":123},{"phone":true}]}}""", "/a/b/*/phone")]
    [InlineData("""[[{"ssn":"1"}]]""", "/*/*/ssn")]
    [InlineData("""{"password":null,"token":"","secret":[]}""", "/secret")]
    [InlineData("""{"homeAddress":{"email":"x"}}""", "/homeAddress")]
    [InlineData("""{"order":{"addressed":"yes","tokenizer":"x"}}""", "")]
    [InlineData("\"email\"", "")]
    [InlineData("not JSON", "")]
    [InlineData("""{"email":"a@b","x":""", "/email")]
    public void Sensitive_names_are_found_by_word_at_any_depth(string json, string expected) =>
        Assert.Equal(expected, string.Join(' ', Find(json)));

    [Theory]
    [InlineData("""{"ada@example.org":{"phone":"1"}}""", "/*/phone")]
    [InlineData("""{"customer-4711":{"email":"x"}}""", "/*/email")]
    [InlineData("""{"phone 0049 30 1815":"x"}""", "/*")]
    [InlineData("""{"line2":{"email2":"x"}}""", "/line2/email2")]
    public void A_name_that_may_be_a_value_is_not_part_of_the_path(string json, string expected) =>
        Assert.Equal(expected, string.Join(' ', Find(json)));

    [Theory]
    [InlineData("""{"email":"a@b"}""", "/email", "")]
    [InlineData("""{"EMAIL":"a@b"}""", "/email", "")]
    [InlineData("""{"guests":[{"email":"x","phone":"1"}]}""", "/guests/*/email", "/guests/*/phone")]
    [InlineData("""{"address":{"street":"x","phone":"1"}}""", "/address/street", "/address/phone")]
    [InlineData("""{"person":{"email":"x"}}""", "/person", "")]
    public void A_declaration_wins(string json, string marked, string expected)
    {
        var marks = MarkNode.Of([new ProtectedMember(marked) { IsSecret = true }]);

        Assert.Equal(expected, string.Join(' ', Find(json, marks)));
    }

    [Fact]
    public void An_encrypted_value_is_not_plain()
    {
        var text = new CipherText(KeyIds.New(), new byte[40], CipherText.DefaultErased).ToBytes();

        Assert.Empty(Find($$"""{"email":"{{Encoding.ASCII.GetString(text)}}"}"""));
    }

    private static List<string> Find(string json, MarkNode? marks = null)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        SensitiveMemberFinder.Find(Encoding.UTF8.GetBytes(json), marks, found);
        return [.. found.Keys];
    }
}
