using System.Text;
using Millrace.Erasing;

namespace Millrace.Tests.Erasing;

/// <summary>Tests which rows name a data subject, so that an erasure changes them.</summary>
public sealed class SubjectNamesTests
{
    private const string Guid = "0197c0de-ab12-7c34-8d56-0123456789ab";

    [Theory]
    [InlineData("c-1", "see c-1.", true)]
    [InlineData("c-1", """{"c":"c-12"}""", false)]
    [InlineData("c-1", "abc-1", false)]
    [InlineData("c-1", "c-12 c-1", true)]
    [InlineData("x", "an x.", true)]
    [InlineData("x", "index", false)]
    [InlineData("customer-1", """{"of":"customer-1"}""", true)]
    [InlineData("customer-1", """{"of":"customer-12"}""", false)]
    [InlineData("customer-1", """{"of":"customer-1-2"}""", false)]
    [InlineData("customer-1", """{"of":"ex-customer-1"}""", false)]
    [InlineData("customer-ada", "customer-ada@example.org", false)]
    [InlineData("customer-ada", "customer-ada.king", false)]
    [InlineData("customer-ada", "Ask customer-ada. Then", true)]
    [InlineData("customer-20240001", """{"order":"20240001"}""", false)]
    [InlineData("customer-20240001", """{"orderId":"20240001","id":20240001}""", false)]
    [InlineData("customer-20240001", """{"customer":"20240001"}""", true)]
    [InlineData("customer-20240001", """{"customerId":20240001}""", true)]
    [InlineData("customer-20240001", """{"of":[{"customer_id":"20240001"}]}""", true)]
    [InlineData("customer-1", """{"customerId":12}""", false)]
    [InlineData("customer-1", """{"customerName":"1"}""", false)]
    public void Bytes_name_a_subject(string subject, string text, bool expected) =>
        Assert.Equal(expected, Of(subject).AreIn(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("""{"of":"customer-m\u00FCller"}""", true)]
    [InlineData("""{"of":"customer-m\u00fcller"}""", true)]
    [InlineData("""{"of":"customer-müller"}""", true)]
    [InlineData("""{"json":"{\"of\":\"customer-m\\u00fcller\"}"}""", true)]
    [InlineData("""{"text":"first line\ncustomer-müller"}""", true)]
    [InlineData("""{"of":"customer-m\u00FCllers"}""", false)]
    [InlineData("""{"customerId":"m\u00fcller"}""", true)]
    [InlineData("""{"of":"customer-m\u00zzller","to":"\""", false)]
    public void An_escaped_name_is_a_name(string text, bool expected) =>
        Assert.Equal(expected, Of("customer-müller").AreIn(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void An_escaped_longer_name_is_not_the_name() =>
        Assert.False(Of("customer-m").AreIn("""{"of":"customer-m\u00FCller"}"""u8));

    [Theory]
    [InlineData(Guid, true)]
    [InlineData("0197C0DE-AB12-7C34-8D56-0123456789AB", true)]
    [InlineData("0197c0deab127c348d560123456789ab", true)]
    [InlineData("0197C0DEAB127C348D560123456789AB", true)]
    [InlineData("{" + Guid + "}", true)]
    [InlineData("cart-" + Guid, true)]
    [InlineData("0197c0deab127c348d560123456789abc", false)]
    [InlineData("0197c0de-ab12-7c34-8d56-0123456789ac", false)]
    public void Every_text_of_a_GUID_is_a_name(string text, bool expected)
    {
        var names = Of("customer-" + Guid);

        Assert.Equal(expected, names.AreIn(Encoding.UTF8.GetBytes($$"""{"of":"{{text}}"}""")));
        Assert.Equal(expected, names.AreInKey("remind-" + text));
    }

    [Theory]
    [InlineData("customer-1", "remind-customer-1", true)]
    [InlineData("customer-1", "customer-1", true)]
    [InlineData("customer-1", "customer-1:reminder", true)]
    [InlineData("customer-1", "remind-customer-12", false)]
    [InlineData("customer-1", "customer-1-2", false)]
    [InlineData("customer-1", "remind-excustomer-1", false)]
    [InlineData("c-1", "remind-c-1", true)]
    [InlineData("c-1", "remind-c-11", false)]
    public void A_key_names_a_subject(string subject, string key, bool expected) =>
        Assert.Equal(expected, Of(subject).AreInKey(key));

    [Fact]
    public void Only_streams_with_a_type_and_a_key_are_names()
    {
        var names = new SubjectNames("customer-1", ["shop", "orders-", "-orders", "order-77"]);

        Assert.False(names.AreIn("""{"shop":"shop","of":"orders-","to":"-orders"}"""u8));
        Assert.True(names.AreIn("""{"of":"order-77"}"""u8));
        Assert.True(names.AreIn("""{"orderId":77}"""u8));
        Assert.False(names.AreIn("""{"of":"order-770"}"""u8));
    }

    private static SubjectNames Of(string subject) => new(subject, []);
}
