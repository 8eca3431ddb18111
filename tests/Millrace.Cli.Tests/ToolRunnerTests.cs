using System.Text;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests that the tool gives the same results in a shared process, which most tests use, and in a new process.
/// </summary>
public sealed class ToolRunnerTests : IDisposable
{
    private readonly Tool _tool = new();

    [Theory]
    [InlineData(2, "")]
    [InlineData(2, "streems")]
    [InlineData(0, "streams --json")]
    [InlineData(0, "read order-1 --raw")]
    [InlineData(3, "read order-2 --json")]
    [InlineData(4, "append order-1 --type order.paid --data {} --expect none")]
    [InlineData(5, "tail --store nowhere.db")]
    [InlineData(0, "schema accept --build shop --check")]
    [InlineData(1, "names check order.placed OrderPaidEvent")]
    public async Task A_shared_process_and_a_new_process_give_the_same_answer(int code, string line)
    {
        var ownProcess = new Tool { IsOwnProcess = true };
        foreach (var tool in (Tool[])[_tool, ownProcess])
            await Prepare(tool);

        var run = await _tool.Run(Words(line));
        var repeatedRun = await _tool.Run(Words(line));
        var ownRun = await ownProcess.Run(Words(line));
        ownProcess.Dispose();

        Assert.Equal((code, run.Output, run.Error), (ownRun.ExitCode, ownRun.Output, ownRun.Error));
        Assert.Equal(
            (run.ExitCode, run.Output, run.Error), (repeatedRun.ExitCode, repeatedRun.Output, repeatedRun.Error));
    }

    [Fact]
    public async Task A_shared_process_and_a_new_process_read_the_standard_input()
    {
        using var ownProcess = new Tool { IsOwnProcess = true };
        foreach (var tool in (Tool[])[_tool, ownProcess])
        {
            await tool.RunWith(
                "first"u8.ToArray(),
                Words("append note-1 --create --store shop.db --type note.taken --content-type text/plain"));
            await tool.RunWith("{}"u8.ToArray(), Words("append note-1 --type note.taken"));

            Assert.Equal("first"u8.ToArray(), (await tool.RunOk(Words("read note-1 --raw -n 1"))).Bytes);
            Assert.Equal("2", (await tool.RunOk("count")).Output.Trim());
        }
    }

    public void Dispose() => _tool.Dispose();

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Prepares a folder with the same events, ids and build for both tools.</summary>
    private static async Task Prepare(Tool tool)
    {
        Directory.CreateSymbolicLink(tool.File("shop"), Path.GetDirectoryName(Tool.Shop)!); // Every file has a folder.
        await using var store = await StoreFile.Open(tool.Store);
        var placed = NewEvent.FromBytes("order.placed", Encoding.UTF8.GetBytes("{\"note\":\"Größe\"}"));
        await store.Append(new StreamId("order-1"), ExpectedVersion.NoStream, [placed]);
    }
}
