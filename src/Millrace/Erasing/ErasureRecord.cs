using Millrace.Events;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Erasing;

/// <summary>The state of an erasure, which its events define.</summary>
internal sealed class ErasureRecord
{
    /// <summary>The start of the reasons of erasures that retention requests.</summary>
    public const string RetentionReason = "retention run ";

    /// <summary>The start of the ids of erasures that runs of retention request.</summary>
    public const string RetentionIdPrefix = "retention-";

    private readonly List<ErasureStep> _steps = [];
    private ErasureRequest? _request;
    private ErasureState _state;

    /// <summary>Gets the version of the stream; 0 if the erasure does not exist.</summary>
    public long Version { get; private set; }

    public ErasureState State => _state;

    /// <summary>Gets whether the stream starts with a request.</summary>
    public bool Exists => _request is not null;

    /// <exception cref="InvalidOperationException">The erasure does not exist.</exception>
    public ErasureRequest Request => _request ?? throw new InvalidOperationException("The erasure does not exist.");

    /// <summary>Gets whether a run of retention requested the erasure.</summary>
    public bool IsOfRetention => Request.Reason.StartsWith(RetentionReason, StringComparison.Ordinal)
        && Request.Id.StartsWith(RetentionIdPrefix, StringComparison.Ordinal);

    public string? Refusal { get; private set; }

    public string? StopReason { get; private set; }

    public IReadOnlyList<ErasureLocation> Found { get; private set; } = [];

    public IReadOnlyList<string> KeyIds { get; private set; } = [];

    public IReadOnlyList<ErasureLocation> Copies { get; private set; } = [];

    public IReadOnlyList<ErasureLocation> Verified { get; private set; } = [];

    /// <summary>Gets how the values were searched by the verification.</summary>
    public string ValueSearch { get; private set; } = "none";

    /// <summary>Gets the end of the log up to which the verification certainly read all events.</summary>
    public LogHead VerifiedTo { get; private set; }

    public ErasureCertificate? Certificate { get; private set; }

    public IReadOnlyList<ErasureStep> Steps => _steps;

    public ErasureInfo Info => new()
    {
        Request = Request,
        State = _state,
        Steps = [.. _steps],
        Refusal = Refusal,
        StopReason = StopReason,
        Found = Found,
        KeyIds = KeyIds,
        Copies = Copies,
        Verified = Verified,
        Certificate = Certificate,
    };

    public void Apply(string id, RecordedEvent recorded, ErasureNote note)
    {
        Version = recorded.Version;
        if (_request is null && recorded.Type != ErasureEvents.Requested)
            return; // The stream does not belong to an erasure.
        _steps.Add(new ErasureStep(
            recorded.Type[(recorded.Type.IndexOf('.', StringComparison.Ordinal) + 1)..],
            recorded.Timestamp,
            note.By,
            recorded.Position));
        switch (recorded.Type)
        {
            case ErasureEvents.Requested:
                _request = new ErasureRequest(id, note.Subject ?? "", note.Reason ?? "", note.By ?? "")
                {
                    Kinds = note.Kinds ?? [],
                    RequestedAt = note.RequestedAt,
                };
                break;
            case ErasureEvents.Refused:
                (_state, Refusal) = (ErasureState.Refused, note.Reason);
                break;
            case ErasureEvents.Found:
                (_state, Found) = (ErasureState.Found, note.Places ?? []);
                break;
            case ErasureEvents.Approved:
                _state = ErasureState.Approved;
                break;
            case ErasureEvents.Started:
                _state = ErasureState.Started;
                break;
            case ErasureEvents.KeysDestroyed:
                (_state, KeyIds) = (ErasureState.KeysDestroyed, ErasedKeys.Read(recorded.Payload.Span)?.KeyIds ?? []);
                break;
            case ErasureEvents.CopiesRemoved:
                (_state, Copies) = (ErasureState.CopiesRemoved, note.Places ?? []);
                break;
            case ErasureEvents.Verified:
                (_state, Verified, ValueSearch) =
                    (ErasureState.Verified, note.Places ?? [], note.ValueSearch ?? "none");
                VerifiedTo = new LogHead(note.LogEpoch ?? 0, note.LogPosition ?? 0);
                break;
            case ErasureEvents.Stopped:
                (_state, StopReason) = (ErasureState.Stopped, note.Reason ?? "");
                break;
            case ErasureEvents.Confirmed:
                _state = note.IsComplete == true ? ErasureState.Confirmed : ErasureState.Incomplete;
                Certificate = note.Certificate is { } file ? ErasureCertificate.Parse(file) : null;
                break;
        }
    }
}
