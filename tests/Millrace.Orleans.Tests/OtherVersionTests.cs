using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Orleans.Activations;
using Millrace.Orleans.Calls;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of calls and answers of nodes with another version of the application or of the package.</summary>
public sealed class OtherVersionTests(MemoryNode node) : IClassFixture<MemoryNode>
{
    [Theory]
    [InlineData("format", "2")]
    [InlineData("name", "\"other\"")]
    [InlineData("store", "\"other\"")]
    [InlineData("build", "\"other\"")]
    [InlineData("body", """{"account":"other","amount":1,"id":"x","more":1}""")]
    [InlineData("body", """{"account":"other","id":"x"}""")]
    [InlineData("retry", "1")]
    public async Task A_call_of_another_version_is_left_to_its_sender(string member, string value)
    {
        var call = await Call();
        call[member] = JsonNode.Parse(value);

        Assert.Equal(AnswerKind.Unknown, await Handle(call.ToJsonString()));

        Assert.Empty(await node.UsersOf(new AccountId("other")));
    }

    [Fact]
    public async Task A_text_that_is_no_call_is_left_to_its_sender() =>
        Assert.Equal(AnswerKind.Unknown, await Handle("no call"));

    [Fact]
    public async Task A_call_of_the_same_version_is_handled() =>
        Assert.Equal(AnswerKind.Handled, await Handle((await Call("same")).ToJsonString()));

    [Theory]
    [InlineData("no answer")]
    [InlineData("""{"kind":0,"version":1,"value":{"balance":1,"node":"n"}}""")]
    [InlineData("""{"format":2,"kind":0,"version":1,"value":{"balance":1,"node":"n"}}""")]
    [InlineData("""{"format":1,"kind":99}""")]
    [InlineData("""{"format":1,"kind":4,"type":"NewException"}""")]
    [InlineData("""{"format":1,"kind":0,"version":1,"value":{"balance":"text"}}""")]
    [InlineData("""{"format":1,"kind":0,"version":1}""")]
    public void An_answer_of_another_version_is_never_repeated(string answer) =>
        Assert.Throws<UnreadableAnswerException>(() => Read(answer));

    [Fact]
    public void An_answer_of_the_same_version_is_read() => Assert.Equal(
        new Receipt(1, "n"),
        Read("""{"format":1,"kind":0,"version":1,"value":{"balance":1,"node":"n"}}""")?.Value);

    private CommandResult<Receipt>? Read(string answer) => AnswerReader.Read<Receipt>(
        Encoding.UTF8.GetBytes(answer),
        node.Services.GetRequiredService<ModelCatalog>().Json.GetTypeInfo(typeof(Receipt)),
        CancellationToken.None);

    private async Task<JsonObject> Call(string account = "other")
    {
        var model = node.Services.GetRequiredService<ModelCatalog>();
        var definition = model.FindCommand(typeof(Deposit))!;
        var command = new Deposit(new AccountId(account), 1, "x");
        var target = new RouteTarget(
            definition, definition.TargetOf(command)!.Value, null, model.Json.GetTypeInfo(typeof(Deposit)), null);
        var store = await node.Services.GetRequiredService<EventStore>().GetIdentity();
        var written = CommandWriter.Write(target, store!, command, new SendOptions(), Cluster.Clerk);
        return JsonNode.Parse(written)!.AsObject();
    }

    private async Task<AnswerKind> Handle(string call)
    {
        var answer = await node.Services.GetRequiredService<ActivationService>()
            .Handle(Encoding.UTF8.GetBytes(call), CancellationToken.None);
        return (AnswerKind)JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("kind").GetInt32();
    }
}
