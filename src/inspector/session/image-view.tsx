import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { problemTrouble, type Trouble } from "../connection/trouble.ts";
import { Shown } from "../visible.tsx";
import { useSession } from "./session-view.ts";

/** An image of the session by its path. It is asked for as all else is: an address would lack the token. */
export function ImageView({ path, mime }: { path: string; mime: string | null }) {
  const { session } = useSession();
  const address = useSignal<string | undefined>(undefined);
  const trouble = useSignal<Trouble | undefined>(undefined);
  useEffect(() => {
    const gone = new AbortController();
    let made: string | undefined;
    const load = async () => {
      try {
        const image = await session.getImage(path, gone.signal);
        if (gone.signal.aborted) return;
        made = URL.createObjectURL(image);
        address.value = made;
        trouble.value = undefined;
      } catch (error) {
        if (!gone.signal.aborted) trouble.value = problemTrouble(error);
      }
    };
    void load();
    return () => {
      gone.abort();
      address.value = undefined;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [session, path, address, trouble]);
  return (
    <figure class="image">
      <figcaption class="file">
        <span class="file-action">Image</span>{" "}
        <code>
          <Shown text={path} kind="name" />
        </code>
        {mime !== null && <span class="soft"> {mime}</span>}
        {trouble.value && (
          <span class="soft" title={trouble.value.detail}>
            {" "}
            · {trouble.value.title}
          </span>
        )}
      </figcaption>
      {address.value !== undefined && <img src={address.value} alt={path} />}
    </figure>
  );
}
