import { Component, type ComponentChildren } from "preact";

/** Draws its child anew only with another version of what it shows. */
export class Stable extends Component<{
  of: object;
  version: string | number;
  draw: () => ComponentChildren;
}> {
  override shouldComponentUpdate({ of, version }: Stable["props"]): boolean {
    return of !== this.props.of || version !== this.props.version;
  }

  override render(): ComponentChildren {
    return this.props.draw();
  }
}
