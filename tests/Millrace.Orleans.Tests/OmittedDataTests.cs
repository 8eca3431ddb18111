namespace Millrace.Orleans.Tests;

/// <summary>Tests of commands and answers with data that JSON omits. The sender's node handles them.</summary>
public sealed class OmittedDataTests(MemoryNode node) : IClassFixture<MemoryNode>
{
    [Fact]
    public async Task A_handler_gets_data_that_the_JSON_of_its_command_omits()
    {
        var result = await node.Send(new Upload(new AccountId("upload")) { Content = "content" });

        Assert.Equal(new Trace(IsRouted: false, "content"), result.Value);
    }

    [Fact]
    public async Task A_sender_gets_data_that_the_JSON_of_the_answer_omits()
    {
        var result = await node.Send(new Download(new AccountId("download")));

        Assert.Equal(new Downloaded(IsRouted: false) { Content = "download" }, result.Value);
    }
}
