namespace Millrace.Cli;

/// <summary>Writes events in the form that was asked for.</summary>
internal sealed class EventOutput
{
    private readonly ToolInvocation _call;
    private readonly EventJson? _json;
    private readonly EventView? _view;

    /// <summary>Chooses the form.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="isRaw">Only the bytes of the payloads, one after the other.</param>
    /// <param name="isShort">For people: one line an event.</param>
    public EventOutput(ToolInvocation call, bool isRaw = false, bool isShort = false)
    {
        _call = call;
        if (!isRaw && call.IsJson)
            _json = new EventJson(call.Bytes);
        else if (!isRaw)
            _view = new EventView(call, withPayload: !isShort);
    }

    /// <summary>How many were written.</summary>
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
