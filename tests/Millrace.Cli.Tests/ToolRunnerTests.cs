using System.Text;

namespace Millrace.Cli.Tests;

/// <summary>The tool does the same in a process that runs it again and again, as most tests do, and in
/// a new process.</summary>
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
    public async Task Both_answer_alike(int code, string line)
    {
        var own = new Tool { IsOwnProcess = true };
        foreach (var tool in (Tool[])[_tool, own])
            await Prepare(tool);

        var run = await _tool.Run(Words(line));
        var again = await _tool.Run(Words(line));
        var alone = await own.Run(Words(line));
        own.Dispose();

        Assert.Equal((code, run.Output, run.Error), (alone.ExitCode, alone.Output, alone.Error));
        Assert.Equal((run.ExitCode, run.Output, run.Error), (again.ExitCode, again.Output, again.Error));
    }

    [Fact]
    public async Task Both_read_what_is_handed_to_them()
    {
        using var own = new Tool { IsOwnProcess = true };
        foreach (var tool in (Tool[])[_tool, own])
        {
            await tool.RunWith(
                "first"u8.ToArray(),
                Words("append note-1 --create --store shop.db --type note.taken --content-type text/plain"));
            await tool.RunWith("{}"u8.ToArray(), Words("append note-1 --type note.taken"));

            Assert.Equal("first"u8.ToArray(), (await tool.Done(Words("read note-1 --raw -n 1"))).Bytes);
            Assert.Equal("2", (await tool.Done("count")).Output.Trim());
        }
    }

    public void Dispose() => _tool.Dispose();

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The same events with the same ids, and the same build.</summary>
    private static async Task Prepare(Tool tool)
    {
        Directory.CreateSymbolicLink(tool.File("shop"), Path.GetDirectoryName(Tool.Shop)!); // A file is in a folder.
        await using var store = await StoreFile.Open(tool.Store);
        var placed = NewEvent.FromBytes("order.placed", Encoding.UTF8.GetBytes("{\"note\":\"Größe\"}"));
        await store.Append(new StreamId("order-1"), ExpectedVersion.NoStream, [placed]);
    }
}
