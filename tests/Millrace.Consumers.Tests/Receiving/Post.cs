using System.Text.Json.Serialization;

namespace Millrace.Tests.Receiving;

/// <summary>
/// The model of messages from a broker. Each message appends its number to the stream of its box, through a handler or
/// a command.
/// </summary>
internal static class Post
{
    public static ModelBuilder Register(ModelBuilder model) => model
        .Event("letter.sent", 1, PostJson.Default.LetterSent)
        .Event("parcel.sent", 1, PostJson.Default.ParcelSent)
        .Event("box.filled", 1, PostJson.Default.BoxFilled)
        .Command(new CommandDefinition<FillBox, Nothing>("fill-box", Handle))
        .Json(PostJson.Default);

    public static StreamId BoxOf(string box) => new($"box-{box}");

    private static async ValueTask<Nothing> Handle(
        FillBox command, CommandContext context, CancellationToken cancellationToken)
    {
        await ReceivingNode.PauseCurrentNode();
        context.Append(BoxOf(command.Box), ExpectedVersion.Any, new BoxFilled(command.Number));
        return default;
    }
}

/// <summary>The message that a handler handles.</summary>
internal sealed record LetterSent(string Box, int Number);

/// <summary>The message that becomes a command.</summary>
internal sealed record ParcelSent(string Box, int Number);

internal sealed record BoxFilled(int Number);

internal sealed record FillBox(string Box, int Number) : ICommand;

[JsonSerializable(typeof(LetterSent))]
[JsonSerializable(typeof(ParcelSent))]
[JsonSerializable(typeof(BoxFilled))]
[JsonSerializable(typeof(FillBox))]
internal sealed partial class PostJson : JsonSerializerContext;
