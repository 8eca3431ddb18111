namespace Millrace.Cli.Output;

/// <summary>Writes events in the requested format.</summary>
internal sealed class EventOutput
{
    private readonly ToolInvocation _call;
    private readonly EventJson? _json;
    private readonly EventView? _view;

    /// <summary>Selects the format.</summary>
    /// <param name="call">The call of the tool.</param>
    /// <param name="isRaw">True to write only the payload bytes, one after the other.</param>
    /// <param name="isShort">True to write one line for each event in text output.</param>
    public EventOutput(ToolInvocation call, bool isRaw = false, bool isShort = false)
    {
        _call = call;
        if (!isRaw && call.IsJson)
            _json = new EventJson(call.Bytes);
        else if (!isRaw)
            _view = new EventView(call, withPayload: !isShort);
    }

    /// <summary>The number of events written.</summary>
    public long Count { get; private set; }

    public void Write(RecordedEvent recorded)
    {
        Count++;
        if (_json is not null)
            _json.Write(recorded);
        else if (_view is not null)
            _view.Write(recorded);
        else
            _call.Bytes.Write(recorded.Payload.Span);
    }
}
